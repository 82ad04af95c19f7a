print("nothing is wrong")
