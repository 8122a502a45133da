config = "../minimal.hcl"
test "a" {
  acts    = ["1m"]
  actions = 1
  history {
    check {
    }
  }
  expect {
    verdict = "acts"
  }
  expect {
    facts = { lga = 1, "fact.peers" = 2 }
  }
  expect {
    facts = 5
  }
  expect {
    steps = "fires"
  }
  expect {
    steps = { sync_stall = "fire" }
  }
  verdicts = "everything is fine"
}

test "b" {
  actions = 1.5
  history {
    check {
    }
  }
}

test "c" {
  actions = -1
  history {
    check {
    }
  }
}
