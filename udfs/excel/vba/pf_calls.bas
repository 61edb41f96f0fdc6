Option Explicit
Option Private Module

' What every PF_ function does: hands its cells to Python in one call, and turns the answer into Excel's own values.
'
' A call that was made before, with the same values, is answered from memory. Values are compared one by one, never by
' address: Excel calls a function again while cells that it reads are still to be calculated. What is remembered goes
' when a calculation ends, since an edition may be a file that somebody changes.

Private Const PYTHON_MODULE As String = "udfs.excel.functions"
Private Const MOST_CELLS As Double = 10000000
Private Const MOST_REMEMBERED As Double = 2000000
Private Const SAMPLED As Long = 64
Private Const SECONDS_APART As Double = 1
Private Const SECONDS_TO_RETRY As Long = 30
Private Const NOT_USABLE As Long = vbObjectError + 513

Private callCount As Long
Private givens() As Variant
Private answers() As Variant
Private earlierOfKey() As Long
Private lastOfKey As Object
Private rememberedCells As Double
Private lastUsed As Double
Private trouble As String
Private troubleSince As Date

Public Function PfAnswer(ByVal functionName As String, ByVal inWords As Boolean, ByRef arguments As Variant) As Variant
    Dim given As Variant, found As Variant, key As String, sentence As String

    On Error GoTo refused
    given = CellsOfAll(arguments)
    On Error GoTo 0
    If Timer - lastUsed > SECONDS_APART Or Timer < lastUsed Then PfForget
    key = KeyOf(functionName, given)
    If Recalled(key, given, found) Then
        PfAnswer = found
    ElseIf Asked(functionName, given, found, sentence) Then
        PfAnswer = WithErrors(found)
        Remember key, given, PfAnswer
    ElseIf inWords Then
        PfAnswer = sentence
    Else
        PfAnswer = CVErr(xlErrName)
    End If
    lastUsed = Timer
    Exit Function

refused:
    If inWords Then
        PfAnswer = "#VALUE!: " & Err.Description
    Else
        PfAnswer = CVErr(xlErrValue)
    End If
End Function

' Python

Private Function Asked(ByVal functionName As String, ByRef given As Variant, ByRef found As Variant, _
                       ByRef sentence As String) As Boolean
    Dim python As Object

    If trouble <> "" And DateDiff("s", troubleSince, Now) < SECONDS_TO_RETRY Then
        sentence = trouble
        Exit Function
    End If
    On Error GoTo failed
    Set python = PfPython()
    found = python.CallUDF(PYTHON_MODULE, functionName, (given))
    trouble = ""
    Asked = True
    Exit Function

failed:
    trouble = "pfexcel: " & LastLine(Err.Description)
    troubleSince = Now
    sentence = trouble
    PfDisconnect
End Function

Private Function LastLine(ByVal description As String) As String
    Dim lines() As String, i As Long

    lines = Split(Replace(description, vbCr, vbLf), vbLf)
    For i = UBound(lines) To 0 Step -1
        If Trim$(lines(i)) <> "" Then
            LastLine = Trim$(lines(i))
            Exit Function
        End If
    Next i
    LastLine = "Python could not be asked. Run pfexcel functions doctor; it says what is missing."
End Function

' Arguments: each a value, or an array of values

Private Function CellsOfAll(ByRef arguments As Variant) As Variant
    Dim given() As Variant, i As Long

    If UBound(arguments) < 0 Then
        CellsOfAll = Array()
        Exit Function
    End If
    ReDim given(0 To UBound(arguments))
    For i = 0 To UBound(arguments)
        If IsObject(arguments(i)) Then
            given(i) = CellsOfRange(arguments(i))
        Else
            given(i) = Plain(arguments(i))
        End If
    Next i
    CellsOfAll = given
End Function

' Value2 gives numbers in full where Value would cut those of a currency format; Value tells a date from a number.
Private Function CellsOfRange(ByVal cells As Range) As Variant
    Dim full As Variant, shown As Variant, row As Long, column As Long

    If cells.Areas.Count > 1 Then
        Err.Raise NOT_USABLE, , "an argument has several areas; give one block of cells."
    End If
    If cells.CountLarge > MOST_CELLS Then
        Err.Raise NOT_USABLE, , "an argument has " & Format$(cells.CountLarge, "#,##0") & _
            " cells; give only the rows and columns that are filled."
    End If
    full = cells.Value2
    On Error Resume Next
    shown = cells.Value
    On Error GoTo 0
    If IsArray(full) And IsArray(shown) Then
        For column = 1 To UBound(full, 2)
            For row = 1 To UBound(full, 1)
                If VarType(shown(row, column)) = vbDate Then full(row, column) = shown(row, column)
            Next row
        Next column
    ElseIf VarType(shown) = vbDate Then
        full = shown
    End If
    CellsOfRange = full
End Function

' Values that another function or an array constant hands over.
Private Function Plain(ByVal given As Variant) As Variant
    Dim row As Long, column As Long

    Select Case Dimensions(given)
        Case 1
            For row = LBound(given) To UBound(given)
                given(row) = PlainValue(given(row))
            Next row
        Case 2
            For column = LBound(given, 2) To UBound(given, 2)
                For row = LBound(given, 1) To UBound(given, 1)
                    given(row, column) = PlainValue(given(row, column))
                Next row
            Next column
        Case Else
            given = PlainValue(given)
    End Select
    Plain = given
End Function

Private Function PlainValue(ByVal given As Variant) As Variant
    Select Case VarType(given)
        Case vbString, vbBoolean, vbDate, vbError, vbDouble, vbEmpty
            PlainValue = given
        Case vbNull
            PlainValue = Empty
        Case Else
            PlainValue = CDbl(given)
    End Select
End Function

Private Function Dimensions(ByRef block As Variant) As Long
    Dim bound As Long

    If Not IsArray(block) Then Exit Function
    On Error GoTo done
    bound = UBound(block, 1)
    Dimensions = 1
    bound = UBound(block, 2)
    Dimensions = 2
done:
End Function

' Answers: an error arrives as the text that a cell shows for it

Private Function WithErrors(ByVal found As Variant) As Variant
    Dim row As Long, column As Long

    Select Case Dimensions(found)
        Case 1
            For row = LBound(found) To UBound(found)
                found(row) = ErrorOr(found(row))
            Next row
        Case 2
            For column = LBound(found, 2) To UBound(found, 2)
                For row = LBound(found, 1) To UBound(found, 1)
                    found(row, column) = ErrorOr(found(row, column))
                Next row
            Next column
        Case Else
            found = ErrorOr(found)
    End Select
    WithErrors = found
End Function

Private Function ErrorOr(ByVal value As Variant) As Variant
    ErrorOr = value
    If VarType(value) <> vbString Then Exit Function
    Select Case value
        Case "#NULL!": ErrorOr = CVErr(xlErrNull)
        Case "#DIV/0!": ErrorOr = CVErr(xlErrDiv0)
        Case "#VALUE!": ErrorOr = CVErr(xlErrValue)
        Case "#REF!": ErrorOr = CVErr(xlErrRef)
        Case "#NAME?": ErrorOr = CVErr(xlErrName)
        Case "#NUM!": ErrorOr = CVErr(xlErrNum)
        Case "#N/A": ErrorOr = CVErr(xlErrNA)
    End Select
End Function

' Memory: the calls of one key stand in a chain, the last first

Public Sub PfForget()
    callCount = 0
    rememberedCells = 0
    Erase givens
    Erase answers
    Erase earlierOfKey
    Set lastOfKey = Nothing
End Sub

Private Function Recalled(ByVal key As String, ByRef given As Variant, ByRef found As Variant) As Boolean
    Dim at As Long

    If lastOfKey Is Nothing Then Exit Function
    If lastOfKey.Exists(key) Then at = lastOfKey.Item(key)
    Do While at > 0
        If SameCells(givens(at), given) Then
            found = answers(at)
            Recalled = True
            Exit Function
        End If
        at = earlierOfKey(at)
    Loop
End Function

Private Sub Remember(ByVal key As String, ByRef given As Variant, ByRef answer As Variant)
    Dim size As Double, i As Long

    On Error GoTo done
    For i = 0 To UBound(given)
        size = size + SizeOf(given(i))
    Next i
    size = size + SizeOf(answer)
    If rememberedCells + size > MOST_REMEMBERED Then PfForget
    If size > MOST_REMEMBERED Then Exit Sub
    If lastOfKey Is Nothing Then
        Set lastOfKey = CreateObject("Scripting.Dictionary")
        MakeRoom 256
    ElseIf callCount = UBound(givens) Then
        MakeRoom 2 * callCount
    End If
    callCount = callCount + 1
    givens(callCount) = given
    answers(callCount) = answer
    If lastOfKey.Exists(key) Then earlierOfKey(callCount) = lastOfKey.Item(key)
    lastOfKey.Item(key) = callCount
    rememberedCells = rememberedCells + size
    ThisWorkbook.WatchCalculations
done:
End Sub

Private Sub MakeRoom(ByVal room As Long)
    ReDim Preserve givens(1 To room)
    ReDim Preserve answers(1 To room)
    ReDim Preserve earlierOfKey(1 To room)
End Sub

Private Function SizeOf(ByRef block As Variant) As Double
    Select Case Dimensions(block)
        Case 1
            SizeOf = UBound(block) - LBound(block) + 1
        Case 2
            SizeOf = CDbl(UBound(block, 1) - LBound(block, 1) + 1) * (UBound(block, 2) - LBound(block, 2) + 1)
        Case Else
            SizeOf = 1
    End Select
End Function

' A short text that differs for most calls that differ: sizes, and up to 64 values of each argument.
Private Function KeyOf(ByVal functionName As String, ByRef given As Variant) As String
    Dim i As Long

    KeyOf = functionName
    For i = 0 To UBound(given)
        KeyOf = KeyOf & vbLf & SampleOf(given(i))
    Next i
End Function

Private Function SampleOf(ByRef block As Variant) As String
    Dim parts() As String, count As Double, pace As Double, columns As Double, at As Long, place As Double

    count = SizeOf(block)
    pace = Int((count - 1) / SAMPLED) + 1
    ReDim parts(0 To Int((count - 1) / pace))
    Select Case Dimensions(block)
        Case 0
            parts(0) = TextOf(block)
        Case 1
            For at = 0 To UBound(parts)
                parts(at) = TextOf(block(LBound(block) + at * pace))
            Next at
        Case 2
            columns = UBound(block, 2) - LBound(block, 2) + 1
            For at = 0 To UBound(parts)
                place = at * pace
                parts(at) = TextOf(block(LBound(block, 1) + Int(place / columns), _
                                         LBound(block, 2) + place - Int(place / columns) * columns))
            Next at
    End Select
    SampleOf = count & ":" & columns & ":" & Join(parts, vbTab)
End Function

Private Function TextOf(ByRef value As Variant) As String
    If IsError(value) Then
        TextOf = "!"
    Else
        TextOf = VarType(value) & ":" & value
    End If
End Function

Private Function SameCells(ByRef one As Variant, ByRef other As Variant) As Boolean
    Dim row As Long, column As Long, size As Long

    size = Dimensions(one)
    If size <> Dimensions(other) Then Exit Function
    If size = 0 Then
        SameCells = SameValue(one, other)
        Exit Function
    End If
    If LBound(one) <> LBound(other) Or UBound(one) <> UBound(other) Then Exit Function
    If size = 1 Then
        For row = LBound(one) To UBound(one)
            If IsArray(one(row)) Or IsArray(other(row)) Then
                If Not SameCells(one(row), other(row)) Then Exit Function
            Else
                If Not SameValue(one(row), other(row)) Then Exit Function
            End If
        Next row
    Else
        If LBound(one, 2) <> LBound(other, 2) Or UBound(one, 2) <> UBound(other, 2) Then Exit Function
        For column = LBound(one, 2) To UBound(one, 2)
            For row = LBound(one, 1) To UBound(one, 1)
                If Not SameValue(one(row, column), other(row, column)) Then Exit Function
            Next row
        Next column
    End If
    SameCells = True
End Function

Private Function SameValue(ByRef one As Variant, ByRef other As Variant) As Boolean
    If VarType(one) <> VarType(other) Then Exit Function
    Select Case VarType(one)
        Case vbEmpty
            SameValue = True
        Case vbError
            SameValue = CStr(one) = CStr(other)
        Case Else
            SameValue = one = other
    End Select
End Function
