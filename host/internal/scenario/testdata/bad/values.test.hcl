config = "../minimal.hcl"
test "a" {
  acts    = 0
  history {
    to = "1m"
    head {
      best = "many"
    }
    head {
      best = -1
    }
    head {
      best = 1.5
    }
    head {
      finalized = 1
    }
    head {
      best       = 1
      block_time = "late"
      hash       = []
    }
    target {
      running   = "perhaps"
      exit_code = 9000000000
      started   = true
    }
    log {
    }
    log {
      base64 = "§"
    }
    log {
      text   = "a"
      base64 = "YQ=="
    }
    log {
      text = tonumber("x")
    }
    log_gap {
    }
    action {
      outcome = "tried"
    }
    events {
      lines = "x"
      event {
        kind = "block_importd"
      }
      event {
        kind   = "block_imported"
        number = -5
      }
      event {
        kind  = "fact"
        name  = "a"
        value = [1]
      }
    }
  }
}
