Option Explicit

' The help of each function for Excel's function wizard; Excel keeps it until it is closed.

Private helpShown As Boolean
Private helpUnderWay As Boolean

' Excel describes no function of a hidden workbook, so that an add-in must be none for the moment.
Public Sub PF_ShowHelp()
    Dim hidden As Boolean, unchanged As Boolean, updating As Boolean

    If helpShown Or helpUnderWay Or ActiveWorkbook Is Nothing Then Exit Sub
    helpUnderWay = True
    hidden = ThisWorkbook.IsAddin
    unchanged = ThisWorkbook.Saved
    updating = Application.ScreenUpdating
    On Error GoTo done
    Application.ScreenUpdating = False
    If hidden Then ThisWorkbook.IsAddin = False
    PfDescribeAll
    helpShown = True
done:
    On Error Resume Next
    If hidden Then ThisWorkbook.IsAddin = True
    ThisWorkbook.Saved = unchanged
    Application.ScreenUpdating = updating
    helpUnderWay = False
End Sub
