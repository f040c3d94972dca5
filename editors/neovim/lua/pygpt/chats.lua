--- Chats in buffers and windows: where one opens, and what one `u` undoes. Must never move the cursor, the focus or
--- a window's view while an answer arrives: where the cursor stands, the user put it. Only as it begins, a cursor
--- behind the question goes on to the last line, so that the answer is followed.
local config = require("pygpt.config")
local windows = require("pygpt.windows")

local M = {}

--- Of each chat, its changedtick after the last piece of an answer that is still under way.
---@type table<integer, integer>
local written = {}

--- Whether a URI or a path names a chat, or a page of the server's, which is named like one.
---@param name string
---@return boolean
function M.is_chat(name)
  return vim.endswith(name, ".chat.md")
end

---@param bufnr integer
---@return boolean
local function is_as_written(bufnr)
  return written[bufnr] == vim.api.nvim_buf_get_changedtick(bufnr)
end

--- Whether these edits make room for an answer; a heading within one is masked by the server.
---@param edits lsp.TextEdit[]
---@return boolean
local function begins_answer(edits)
  return vim.iter(edits):any(function(edit)
    return ("\n" .. edit.newText):find("\n## Assistant", 1, true) ~= nil
  end)
end

--- Let `change` write at the end of a chat; a cursor in the last line, where nobody types just now, goes along.
---@generic T
---@param bufnr integer
---@param change fun(): T
---@return T
local function go_along(bufnr, change)
  local typed_in = vim.api.nvim_get_mode().mode:sub(1, 1) == "i" and vim.api.nvim_get_current_win() or nil
  local last = vim.api.nvim_buf_line_count(bufnr)
  local windows_there = vim.tbl_filter(function(win)
    return win ~= typed_in and vim.api.nvim_win_get_cursor(win)[1] == last
  end, config.get().follow and vim.fn.win_findbuf(bufnr) or {})
  local result = change()
  for _, win in ipairs(windows_there) do
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(bufnr), 0 })
  end
  return result
end

--- Let `apply` write a piece of an answer into a chat.
---@generic T
---@param bufnr integer
---@param edits lsp.TextEdit[]
---@param apply fun(): T
---@return T
function M.write(bufnr, edits, apply)
  local result
  if begins_answer(edits) then
    result = go_along(bufnr, apply)
  else
    if is_as_written(bufnr) then
      vim.api.nvim_buf_call(bufnr, function()
        pcall(vim.cmd.undojoin) -- E790 after an undo, where a block of its own begins
      end)
    end
    result = apply()
  end
  written[bufnr] = vim.api.nvim_buf_get_changedtick(bufnr)
  require("pygpt.saving").soon(bufnr)
  return result
end

--- Let `act` do what counts as a change of a chat but changes no text.
---@param bufnr integer
---@param act fun()
function M.without_change(bufnr, act)
  local was_as_written = is_as_written(bufnr)
  act()
  if was_as_written then
    written[bufnr] = vim.api.nvim_buf_get_changedtick(bufnr)
  end
end

--- No answer is under way: what comes next is an undo block of its own.
function M.at_rest()
  written = {}
end

--- `window/showDocument` of a chat: in a window that shows one, else in a split beside the current window.
---@param params lsp.ShowDocumentParams
---@param encoding "utf-8"|"utf-16"|"utf-32"
function M.show(params, encoding)
  local bufnr = vim.uri_to_bufnr(params.uri)
  vim.bo[bufnr].buflisted = true
  local win = windows.with_buffer(bufnr) or windows.with_chat() or windows.beside(config.get().split)
  if vim.api.nvim_win_get_buf(win) ~= bufnr then
    vim.api.nvim_win_set_buf(win, bufnr)
  end
  -- Who types goes on typing where they are.
  if params.takeFocus and vim.api.nvim_get_mode().mode:sub(1, 1) ~= "i" then
    vim.api.nvim_set_current_win(win)
  end
  local start = params.selection and params.selection.start
  if start then
    local line = vim.api.nvim_buf_get_lines(bufnr, start.line, start.line + 1, false)[1] or ""
    local row = math.min(start.line + 1, vim.api.nvim_buf_line_count(bufnr))
    vim.api.nvim_win_set_cursor(win, { row, vim.str_byteindex(line, encoding, start.character, false) })
  elseif config.get().follow then
    -- Neovim keeps the cursor in view in every window, so that one in the last line follows what is written.
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(bufnr), 0 })
  end
end

--- From a chat's window to one with code, if there is one: what opens next is to stand beside the chat.
function M.leave()
  if M.is_chat(vim.api.nvim_buf_get_name(0)) then
    local win = windows.with_code()
    if win then
      vim.api.nvim_set_current_win(win)
    end
  end
end

--- Write a question at the end of a chat, below a blank line.
---@param bufnr integer
---@param question string
function M.append(bufnr, question)
  local last = vim.api.nvim_buf_get_lines(bufnr, -2, -1, false)[1]
  go_along(bufnr, function()
    vim.api.nvim_buf_set_lines(bufnr, -1, -1, false, last == "" and { question } or { "", question })
  end)
end

--- The chat that a command means: the current buffer, else the only one to be seen.
---@return integer? bufnr
function M.here()
  local current = vim.api.nvim_get_current_buf()
  if M.is_chat(vim.api.nvim_buf_get_name(current)) then
    return current
  end
  local seen = {} ---@type table<integer, true>
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local bufnr = vim.api.nvim_win_get_buf(win)
    if M.is_chat(vim.api.nvim_buf_get_name(bufnr)) then
      seen[bufnr] = true
    end
  end
  local only, another = next(seen), next(seen, next(seen))
  return not another and only or nil
end

return M
