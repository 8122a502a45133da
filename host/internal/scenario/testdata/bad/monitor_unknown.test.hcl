config = "../two.hcl"
test "a" {
  monitor = "tow"
  actions = 0
  history {
    check {
    }
  }
}
