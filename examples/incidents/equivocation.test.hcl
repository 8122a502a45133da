# Two nodes run with the keys of one validator. This one sees it, and ends itself. Whoever restarts it makes it
# worse: equivocation is what validators are slashed for.
config = "../monitor.hcl"
env    = { CONTAINER_NAME = "azero" }

let {
  info = "${stamp}  INFO tokio-runtime-worker"

  # The newest block of the network, and that of the node.
  network = 105000000 + floor(t)
  node    = 105000000 + min(floor(t), 605)

  import = "${info} substrate: ✨ Imported #${node} (${hash(node)})"
  status = <<-EOT
    ${info} aleph-block-sync: Imported: #${node} (${hash(node)}), finalized: #${node - 2} (${hash(node - 2)}), favourite: #${node} (${hash(node)}).
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/auth/0 connected peers - 12; 
    ${info} aleph-network: Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/sync/0 connected peers - 12; 
    ${info} network-clique: Clique Network status: not maintaining any connections; 
  EOT
}

test "a node that equivocates ends, and stays down" {
  about    = <<-EOT
    The node sees at 10m5s that another one signs with its keys, and ends; the container has no restart
    policy.
  EOT
  operator = "Found the other node and stopped it, then started this one. Never the other way round."

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
      from  = "3.121s"
      to    = "10m3.121s"
      every = "20s"
      text  = status
    }

    log {
      from  = "5m0.4s"
      to    = "5m1s"
      every = "15m"
      text  = "${info} aleph-party: Running session ${floor(network / 900)}."
    }

    log {
      from  = "10.002s"
      to    = "9m40s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🙌 Starting consensus session on top of parent 0x6666000000000000000000000000000000000000000000000000000000ffff66"
    }

    log {
      from  = "10.009s"
      to    = "9m40s"
      every = "30s"
      text  = "${info} sc_basic_authorship::basic_authorship: 🎁 Prepared block for proposing at ${node} (3 ms) [hash: 0x8888000000000000000000000000000000000000000000000000000000aaaa88; parent_hash: 0x6666…ff66; no extrinsics"
    }

    log {
      from  = "10.011s"
      to    = "9m40s"
      every = "30s"
      text  = "${info} aura: 🔖 Pre-sealed block for proposal at ${node}. Hash now 0x9999000000000000000000000000000000000000000000000000000000bbbb99, previously 0x8888000000000000000000000000000000000000000000000000000000aaaa88."
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

    target {
      at        = "10m5.6s"
      running   = false
      exit_code = 123
      finished  = t
    }
  }

  expect {
    from   = "11m"
    rule   = "target"
    reason = "is stopped (exit code 123)"
  }

  verdicts = <<-EOT
    1m .. 10m   ok
    11m .. 20m  unknown  target  | Container azero is stopped (exit code 123)
  EOT
}

test "a node that equivocates ends, and stays down, careful" {
  trace    = "equivocation.jsonl.gz"
  env      = { PROFILE = "careful" }
  verdicts = <<-EOT
    1m          unknown  evidence  | Container azero: rule block_lag.severe lacks block_time (the network has not risen three times yet)
    2m .. 10m   ok
    11m .. 20m  unknown  target    | Container azero is stopped (exit code 123)
  EOT
}
