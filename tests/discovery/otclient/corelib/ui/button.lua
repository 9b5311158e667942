function caption(text)
    return "[" .. text .. "]"
end
