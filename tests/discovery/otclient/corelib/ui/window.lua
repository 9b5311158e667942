function title(text)
    return "== " .. text .. " =="
end
