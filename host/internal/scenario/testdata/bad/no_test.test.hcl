config = "../minimal.hcl"

