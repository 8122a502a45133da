config = "../minimal.hcl"
test "a" {
  start = "noon"
  history {
    to = "1x"
    head {
      best = 1
      at   = "1m"
      to   = "2m"
    }
    head {
      best = 1
      to   = "2m"
    }
    head {
      best  = 1
      every = "1s"
    }
    head {
      best  = 1
      every = 0
      to    = "2m"
    }
    head {
      best  = 1
      every = "1s"
      from  = "3m"
      to    = "2m"
    }
    head {
      best = 1
      at   = [1, true]
    }
    head {
      best  = 1
      every = ["1s", "2s"]
      to    = "2m"
    }
    head {
      best = 1
      at   = "9000000h"
    }
    head {
      best = 1
      at   = []
    }
  }
  expect {
    at      = "1m"
    from    = "2m"
    verdict = "ok"
  }
  expect {
    at      = []
    verdict = "ok"
  }
  acts = "soon"
}
