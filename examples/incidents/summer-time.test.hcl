# The node stamps its lines in local time, and summer time ends while it runs.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

test "a node whose stamps go back an hour" {
  about    = "The node stamps its lines in local time, and summer time ends at 7m."
  operator = "Nothing."

  let {
    block = 105000000 + floor(t)
    local = formatdate("YYYY-MM-DD hh:mm:ss", timeadd(time, t < 420 ? "2h" : "1h"))
  }

  history {
    to = "14m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = block
      finalized  = block - 2
      block_time = t - 1
    }

    log {
      from  = "18ms"
      every = "1s"
      text  = "${local} ✨ Imported #${block} (${hash(block)})"
    }
  }

  expect {
    verdict = "ok"
    holds   = lag <= 1 && stalled_for < 1 && log_age < 1
  }

  verdicts = <<-EOT
    1m .. 14m  ok
  EOT
}

test "a node whose stamps go back an hour, careful" {
  trace    = "summer-time.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m         unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 14m  ok
  EOT
}
