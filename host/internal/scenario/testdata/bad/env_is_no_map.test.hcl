config = "../minimal.hcl"
env = "A=b"
test "a" {
  env     = { A = [] }
  acts    = 0
  history {
    check {
    }
  }
}
