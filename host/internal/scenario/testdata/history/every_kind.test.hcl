config = "../minimal.hcl"

let {
  base  = 1000
  block = base + floor(t)
}

test "every kind of record" {
  monitor = "m"
  start   = "2025-04-01T10:00:00+02:00"
  acts    = 0

  let {
    far = block - 500
  }

  history {
    to = "2s"

    target {
      started   = "-3h"
      name      = "azero"
      exit_code = 0
    }
    target {
      at         = ["500ms", 1.5]
      running    = false
      paused     = n == 1
      restarting = false
      finished   = t
      exit_code  = 137
      oom_killed = true
      may_start  = true
      refuse     = "an orchestrator owns it"
    }
    target {
      at     = "1s"
      exists = false
    }
    target {
      at    = "1s"
      error = "cannot connect"
    }
    head {
      every      = "1s"
      source     = "net"
      best       = block
      finalized  = far
      hash       = hash(block)
      block_time = t - 2
      endpoint   = "https://example.org"
    }
    head_error {
      at    = "2025-04-01T08:00:01Z"
      error = "429 at ${time}"
    }
    log {
      from  = "500ms"
      every = "750ms"
      text  = "${stamp} n ${n} t ${t} #${far} ${formatdate("hh:mm", time)}"
    }
    log {
      text = <<-EOT
        one

        three $${not a name}
      EOT
    }
    log {
      base64 = "/w=="
    }
    log_error {
      at    = 1
      error = "stream down"
    }
    log_gap {
      at     = "1s"
      reason = "rotated"
    }
    events {
      at    = "1s"
      lines = 3 * 7

      event {
        kind   = "block_imported"
        number = block
      }
      event {
        kind  = "fatal_cause"
        name  = "panic"
        text  = "it ended"
        cures = true
      }
      event {
        kind  = "fact"
        name  = "peers"
        value = 2.5
      }
      event {
        kind  = "fact"
        name  = "ready"
        value = t > 5
      }
      event {
        kind  = "fact"
        name  = "role"
        value = "full"
      }
    }
    action {
      at      = "1s"
      outcome = "failed"
      detail  = "no such container"
    }
    last_action {
      at     = "1s"
      done   = "-5m"
      failed = t - 3600
    }
    check {
      at   = "2s"
      hold = "state cannot be written"
    }
  }
}
