config = "../minimal.hcl"
test "a" {
  actions = 0
  history {
    check {
    }
  }
}

test "a" {
  actions = 0
  history {
    check {
    }
  }
}
