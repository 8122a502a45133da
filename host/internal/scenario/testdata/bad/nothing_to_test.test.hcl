test "a" {
}

test "b" {
  config = "../minimal.hcl"
  config {
  }
  history {
  }
  expect {
  }
}
