-- Whether Redis answers and runs scripts.

return 1
