# Two nodes run with the keys of one validator, and a supervisor inside the container keeps this one running.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = 105000000 + min(floor(t), 605)

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
}

test "a node that equivocates under a supervisor of its own" {
  about    = "The node sees at 10m5s that another one signs with its keys; a supervisor keeps it running, it lags, and its log says why."
  operator = "Found the other node and stopped it. Never a restart."

  history {
    to = "20m"

    target {
      started = "-125h"
    }

    head {
      every      = "30s"
      best       = network
      finalized  = network - 2
      block_time = t - 1
    }

    log {
      from  = "18ms"
      to    = "10m5.018s"
      every = "1s"
      text  = import
    }

    log {
      at   = "10m5.3s"
      text = <<-EOT
        ${stamp}  WARN tokio-runtime-worker aleph-block-sync: Equivocation detected: account ID: 5AbCdEfG, author: 0x0101, first header: #105000605 (0x5656…5656), second header #105000605 (0x7878…7878)

        ====================

        Version: 15.2.0-36ed9faa3fd

           0: sp_panic_handler::set::{{closure}}
           1: <alloc::boxed::Box<F,A> as core::ops::function::Fn<Args>>::call
                     at /rustc/0000000000000000000000000000000000000000/library/alloc/src/boxed.rs:2029:9

        Thread 'tokio-runtime-worker' panicked at 'We are equivocating, which is ILLEGAL - shutting down the node. This is probably caused by running two instances of the node with the same set of credentials. Make sure that you are running ONLY ONE instance of the node. If the problem persists, contact the Aleph Zero developers on Discord.', finality-aleph/src/sync/service.rs:356

        This is a bug. Please report it at:

        	docs.alephzero.org
      EOT
    }
  }

  expect {
    from    = "11m"
    verdict = "held"
    rule    = "cause"
    reason  = "Container azero reports equivocation, which no restart cures"
    steps   = { "block_lag.moderate" = "fires" }
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 20m  held  cause  | Container azero reports equivocation, which no restart cures: Thread 'tokio-runtime-worker' panicked at 'We are equivocating, which is ILLEGAL - shutting down t…
  EOT
}

test "a node that equivocates under a supervisor of its own, careful" {
  trace    = "equivocation-supervised.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet); rule block_lag.moderate lacks block_time (the network has n…
    2m .. 10m   ok
    11m .. 20m  held     cause     | Container azero reports equivocation, which no restart cures: Thread 'tokio-runtime-worker' panicked at 'We are equivocating, which is ILLEGAL - shutting down t…
  EOT
}
