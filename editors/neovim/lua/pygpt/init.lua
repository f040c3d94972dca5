--- What a configuration may call. Nothing has to be: see |pygpt-install|.
local M = {}

--- What is running, in a few words, and for five seconds how it ended; "" when there is nothing to tell.
--- For the status line; cheap. The line is drawn again when this changes.
---@return string
function M.status()
  return require("pygpt.progress").status()
end

return M
