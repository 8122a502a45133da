config = "../minimal.hcl"
let {
  a     = b
  b     = 1
  t     = 5
  block = base + t
  inner {
  }
}

test "a" {
  about   = "at ${t}"
  acts    = 0
  history {
    to = "${n}m"
    head {
      best = blok + t
    }
    log {
      text = "${stamps}"
    }
    log {
      text = env("HOME")
    }
  }
  expect {
    holds   = lga > 5
    verdict = word
  }
}
