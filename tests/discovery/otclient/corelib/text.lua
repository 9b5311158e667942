function words(text)
    local found = {}
    for word in text:gmatch("%S+") do
        found[#found + 1] = word
    end
    return found
end
