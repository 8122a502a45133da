config = "../minimal.hcl"
test "a" {
  acts    = 0
  history {
    check {
    }
  }
}

test "a" {
  acts    = 0
  history {
    check {
    }
  }
}
