using Pier.Dat;

return DatCommand.Run(args);
