confg = "x"
config = "../minimal.hcl"

test "a" {
  abuot = "x"
  expct {
  }
  expect = "ok"
  verdicts {
  }
  history {
    to = "1m"
    heads {
    }
    head {
      evry = "1s"
      best = 1
    }
    log "x" {
      text = "a"
    }
    events {
      lines = 1
      event {
        kin = "fact"
      }
    }
  }
  expect {
    verdcit = "ok"
  }
}
