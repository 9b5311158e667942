function newest()
    return "1.2.0"
end
