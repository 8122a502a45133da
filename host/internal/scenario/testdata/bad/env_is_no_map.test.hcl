config = "../minimal.hcl"
env = "A=b"
test "a" {
  env     = { A = [] }
  actions = 0
  history {
    check {
    }
  }
}
