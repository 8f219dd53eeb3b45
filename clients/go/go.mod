module smoke

go 1.23

require parley v0.0.0

replace parley => ../../build/clients/go
