config = "nowhere.hcl"
test "a" {
  acts    = 0
  history {
    check {
    }
  }
}
