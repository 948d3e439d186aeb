using System.Text;
using RnnCodegen.Tool.Commands;

// Drawings have lines and arrows that the code pages of some consoles lack.
Console.OutputEncoding = Encoding.UTF8;
return ToolCommands.Run(args, Console.Out, Console.Error);
