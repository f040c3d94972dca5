std = "luajit"
read_globals = { vim = { other_fields = true, fields = { g = { read_only = false, other_fields = true }, go = { read_only = false, other_fields = true }, bo = { read_only = false, other_fields = true }, wo = { read_only = false, other_fields = true } } } }
max_line_length = 120
max_cyclomatic_complexity = 12
