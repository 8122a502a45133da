config = "../two.hcl"
test "a" {
  monitor = "tow"
  acts    = 0
  history {
    check {
    }
  }
}
