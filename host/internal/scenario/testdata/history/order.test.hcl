config = "../minimal.hcl"

# Records of one time stand in the order of the file; blocks whose ends meet
# both have one there.
test "in the order of the times, then of the file" {
  acts    = 0

  history {
    log {
      at   = "20s"
      text = "first in the file"
    }
    log {
      to    = "20s"
      every = "10s"
      text  = "row ${n}"
    }
    log {
      from  = "20s"
      to    = "29s"
      every = "10s"
      text  = "row ${10 + n}"
    }
    log {
      at   = "-5s"
      text = "before the start"
    }
  }
}
