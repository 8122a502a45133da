# Tests of fleet.hcl: what its three monitors do other than the profile careful.
config = "fleet.hcl"

let {
  network = 105000000 + floor(t)
  info    = "${stamp}  INFO tokio-runtime-worker"

  imported = "${info} substrate: 🏆 Imported #${network} (${hash(network - 1)} → ${hash(network)})"
}

test "a validator is restarted late: it may stand for five minutes" {
  monitor = "validator"

  history {
    to = "12m"

    target {
      started = "-125h"
    }
    head {
      every      = "15s"
      source     = "public"
      endpoint   = "https://one.example"
      best       = network
      block_time = t
    }
    head {
      every      = "15s"
      source     = "second"
      endpoint   = "https://two.example"
      best       = network
      block_time = t
    }
    log {
      every = "1s"
      to    = "2m"
      text  = imported
    }
    log {
      every = "10s"
      from  = "2m10s"
      text  = "${info} substrate: still here"
    }
  }

  expect {
    from    = "30s"
    to      = "6m45s"
    verdict = "ok"
  }
  acts = ["7m"]
}

test "two endpoints are down: nothing is done on the word of one" {
  monitor = "validator"
  acts    = 0

  history {
    to = "20m"

    target {
      started = "-125h"
    }
    head {
      every      = "15s"
      source     = "public"
      endpoint   = "https://one.example"
      best       = network + 5000
      block_time = t
    }
    head_error {
      every  = "15s"
      source = "second"
      error  = "429 Too Many Requests"
    }
    head_error {
      every  = "15s"
      source = "own"
      error  = "connection refused"
    }
    log {
      every = "1s"
      text  = imported
    }
  }

  expect {
    from    = "16m"
    verdict = "held"
    guard   = "one_witness"
  }
}

test "a catch-up of the archive is not cut short" {
  monitor = "archive"
  acts    = 0

  history {
    to = "1h"

    target {
      started = "-2h"
    }
    head {
      every      = "1m"
      source     = "public"
      endpoint   = "https://one.example"
      best       = network
      block_time = t
    }
    head {
      every      = "1m"
      source     = "second"
      endpoint   = "https://two.example"
      best       = network
      block_time = t
    }
    log {
      every = "1s"
      text  = "${info} substrate: 🏆 Imported #${104900000 + 5 * t} (${hash(t)} → ${hash(t + 1)})"
    }
  }

  expect {
    from    = "20m"
    verdict = "held"
    guard   = "catching_up"
  }
}

test "the archive is restarted when its catch-up stops for good" {
  monitor = "archive"

  history {
    to = "56m"

    target {
      started = "-2h"
    }
    head {
      every      = "1m"
      source     = "public"
      endpoint   = "https://one.example"
      best       = network
      block_time = t
    }
    head {
      every      = "1m"
      source     = "second"
      endpoint   = "https://two.example"
      best       = network
      block_time = t
    }
    log {
      every = "1s"
      to    = "20m"
      text  = "${info} substrate: 🏆 Imported #${104900000 + 5 * t} (${hash(t)} → ${hash(t + 1)})"
    }
    log {
      every = "1m"
      from  = "21m"
      text  = "${info} substrate: still here"
    }
  }

  acts = ["54m"]
}

test "the public node stands still, and is silent" {
  monitor = "rpc"

  history {
    to = "8m"

    target {
      started = "-1h"
      name    = "aleph-rpc-1"
    }
    head {
      every      = "30s"
      source     = "public"
      endpoint   = "https://one.example"
      best       = network
      block_time = t
    }
    head {
      every      = "30s"
      source     = "second"
      endpoint   = "https://two.example"
      best       = network
      block_time = t
    }
    log {
      every = "1s"
      to    = "30s"
      text  = imported
    }
  }

  expect {
    from    = "1m"
    to      = "3m"
    verdict = "ok"
  }
  acts = ["5m"]
}
