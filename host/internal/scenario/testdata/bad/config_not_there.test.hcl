config = "nowhere.hcl"
test "a" {
  actions = 0
  history {
    check {
    }
  }
}
