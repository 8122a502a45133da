config = "../minimal.hcl"
test "a" {
  history { to = "1m" at = 5 }
}
