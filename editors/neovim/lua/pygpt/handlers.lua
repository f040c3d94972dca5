--- What the server asks of Neovim, where the plugin answers otherwise than Neovim would: by LSP method, for
--- `handlers` of `vim.lsp.Config`. What is not about a chat goes to Neovim's own handler.
local chats = require("pygpt.chats")

---@type table<string, lsp.Handler>
local M = {}

--- A piece of an answer: a change of one chat that is open, without a label. What the user chose (edits of
--- files, turns that are deleted) has one.
---@param params lsp.ApplyWorkspaceEditParams
---@return integer? bufnr
---@return lsp.TextDocumentEdit?
local function piece(params)
  local changes = params.edit.documentChanges
  if params.label or not changes or #changes ~= 1 or changes[1].kind then
    return nil
  end
  local change = changes[1] --[[@as lsp.TextDocumentEdit]]
  if not chats.is_chat(change.textDocument.uri) then
    return nil
  end
  local bufnr = vim.uri_to_bufnr(change.textDocument.uri)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return nil
  end
  return bufnr, change
end

M["workspace/applyEdit"] = function(err, params, context)
  local default = vim.lsp.handlers["workspace/applyEdit"]
  local bufnr, change = piece(params)
  if not bufnr or not change then
    return default(err, params, context)
  end
  -- Neovim would print a line and answer that it was applied.
  if vim.lsp.util.buf_versions[bufnr] > change.textDocument.version then
    return { applied = false, failureReason = "the chat has changed" }
  end
  return chats.write(bufnr, change.edits, function()
    return default(err, params, context)
  end)
end

M["window/showDocument"] = function(err, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and not params.external then
    if require("pygpt.pages").offer(client, params.uri) then
      return { success = true }
    end
    if chats.is_chat(params.uri) then
      local shown = pcall(chats.show, params, client.offset_encoding) -- no window can be made in some places
      return { success = shown }
    end
    if params.takeFocus then
      chats.leave()
    end
  end
  return vim.lsp.handlers["window/showDocument"](err, params, context)
end

return M
