Imports Models

' Visual Basic has no spans: the library takes arrays, or collections.
Module Program
    Function Main() As Integer
        Dim answers = Echo.LoadEmbedded().Answer({0.25F, 0.5F})
        Console.WriteLine("Visual Basic: " & String.Join(" ", answers))
        Return If(answers.Length = 2, 0, 1)
    End Function
End Module
