Option Explicit
Option Private Module

' A workbook keeps where the add-in stood on the computer of whoever saved it. Opened elsewhere, its functions would look
' for the add-in there.

Public Sub PfRepairLinks(ByVal book As Workbook)
    Dim links As Variant, i As Long

    If Not ThisWorkbook.IsAddin Then Exit Sub
    On Error GoTo done
    links = book.LinkSources(xlExcelLinks)
    If Not IsArray(links) Then Exit Sub
    For i = LBound(links) To UBound(links)
        If LCase$(FileOf(links(i))) = LCase$(ThisWorkbook.Name) Then
            If LCase$(links(i)) <> LCase$(ThisWorkbook.FullName) Then
                book.ChangeLink links(i), ThisWorkbook.FullName, xlExcelLinks
            End If
        End If
    Next i
done:
End Sub

Private Function FileOf(ByVal path As String) As String
    FileOf = Mid$(path, InStrRev(Replace(path, "/", "\"), "\") + 1)
End Function
