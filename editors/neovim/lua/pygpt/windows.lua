--- Windows of the current tab page: which to use for a chat, and which for code.
local M = {}

local api = vim.api

---@param suits fun(win: integer, name: string): boolean
---@return integer? win The first window that suits and is part of the layout.
local function find(suits)
  return vim.iter(api.nvim_tabpage_list_wins(0)):find(function(win)
    local is_floating = api.nvim_win_get_config(win).relative ~= ""
    return not is_floating and suits(win, api.nvim_buf_get_name(api.nvim_win_get_buf(win)))
  end)
end

---@param name string
---@return boolean
local function is_chat(name)
  return vim.endswith(name, ".chat.md")
end

---@param bufnr integer
---@return integer? win
function M.with_buffer(bufnr)
  return find(function(win)
    return api.nvim_win_get_buf(win) == bufnr
  end)
end

--- A window that shows a chat, and may show another one.
---@return integer? win
function M.with_chat()
  return find(function(win, name)
    return is_chat(name) and not vim.wo[win].winfixbuf
  end)
end

--- A window that shows a file and no chat.
---@return integer? win
function M.with_code()
  return find(function(win, name)
    return not is_chat(name) and not vim.wo[win].winfixbuf and vim.bo[api.nvim_win_get_buf(win)].buftype == ""
  end)
end

--- A new window beside the current one, for text that is not wrapped by hand; or the current one.
---@param split "vertical"|"horizontal"|false
---@return integer win
function M.beside(split)
  local current = api.nvim_get_current_win()
  if api.nvim_win_get_config(current).relative ~= "" then
    current = find(function()
      return true
    end) or current
  end
  if not split and not vim.wo[current].winfixbuf then
    return current
  end
  local where = split == "horizontal" and "below" or "right"
  local win = api.nvim_open_win(api.nvim_win_get_buf(current), false, { split = where, win = current })
  vim.wo[win][0].wrap = true
  vim.wo[win][0].linebreak = true
  return win
end

return M
