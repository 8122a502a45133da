config = "../two.hcl"
test "a" {
  actions = 0
  history {
    check {
    }
  }
}
