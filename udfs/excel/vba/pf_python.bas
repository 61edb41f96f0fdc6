Option Explicit
Option Private Module

' The connection to Python, by the library that xlwings XLWINGS_VERSION brings (open source, BSD licence). It starts
' Python when a function is first called and ends it with Excel.
'
' Which Python: INTERPRETER_WIN in the file .pfexcel\pfexcel.conf of the user's folder, as for any add-in of xlwings.
' "pfexcel functions install" writes it.

#If Mac Then
#ElseIf Win64 Then
    Private Const LIBRARY As String = "xlwings64-XLWINGS_VERSION.dll"
    Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryA" (ByVal path As String) As LongPtr
    Private Declare PtrSafe Function Activate Lib "xlwings64-XLWINGS_VERSION.dll" Alias "XLPyDLLActivateAuto" _
        (ByRef result As Variant, ByVal command As String, ByVal mode As Long) As Long
#Else
    Private Const LIBRARY As String = "xlwings32-XLWINGS_VERSION.dll"
    Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryA" (ByVal path As String) As LongPtr
    Private Declare PtrSafe Function Activate Lib "xlwings32-XLWINGS_VERSION.dll" Alias "XLPyDLLActivateAuto" _
        (ByRef result As Variant, ByVal command As String, ByVal mode As Long) As Long
#End If

Private Const SETTINGS As String = "\.pfexcel\pfexcel.conf"
Private Const NO_PYTHON As Long = vbObjectError + 514
Private Const WHAT_TO_DO As String = " Run pfexcel functions install, then pfexcel functions doctor."

Private startCommand As String

#If Mac Then

Public Function PfPython() As Object
    Err.Raise NO_PYTHON, , "these functions work in Excel for Windows; this is Excel for Mac."
End Function

Public Sub PfDisconnect()
End Sub

#Else

Public Function PfPython() As Object
    Dim result As Variant

    If startCommand = "" Then startCommand = CommandFor(Interpreter())
    If Activate(result, startCommand, 1) <> 0 Then
        If InStr(result, "exited") > 0 Then
            Err.Raise NO_PYTHON, , "Python started and ended at once." & WHAT_TO_DO
        Else
            Err.Raise NO_PYTHON, , "Python did not start; this computer may not let Excel start programs." & WHAT_TO_DO
        End If
    End If
    Set PfPython = result
End Function

Public Sub PfDisconnect()
    startCommand = ""
End Sub

Private Function Interpreter() As String
    Interpreter = Setting(Environ$("USERPROFILE") & SETTINGS, "INTERPRETER_WIN")
    If Interpreter = "" Then
        Err.Raise NO_PYTHON, , "no Python is set up for Excel." & WHAT_TO_DO
    End If
    If Not Exists(Interpreter) Then
        Err.Raise NO_PYTHON, , "Python is no longer at " & Interpreter & "." & WHAT_TO_DO
    End If
End Function

' The library stands beside Python, or one folder up where Python is in a virtual environment.
Private Function CommandFor(ByVal interpreterPath As String) As String
    If LoadLibrary(FolderOf(interpreterPath) & "\" & LIBRARY) = 0 Then
        If LoadLibrary(FolderOf(FolderOf(interpreterPath)) & "\" & LIBRARY) = 0 Then
            Err.Raise NO_PYTHON, , "xlwings XLWINGS_VERSION is not installed in " & interpreterPath & "." & WHAT_TO_DO
        End If
    End If
    CommandFor = """" & interpreterPath & """ -P -c ""import xlwings; xlwings.serve('$(CLSID)')"""
End Function

Private Function FolderOf(ByVal path As String) As String
    FolderOf = Left$(path, InStrRev(path, "\") - 1)
End Function

Private Function Exists(ByVal path As String) As Boolean
    On Error GoTo absent
    Exists = (GetAttr(path) And vbDirectory) = 0
absent:
End Function

Private Function Setting(ByVal path As String, ByVal wanted As String) As String
    Dim number As Integer, settingName As String, settingValue As String

    On Error GoTo absent
    number = FreeFile
    Open path For Input As #number
    Do While Not EOF(number)
        Input #number, settingName, settingValue
        If LCase$(settingName) = LCase$(wanted) Then Setting = settingValue
    Loop
absent:
    Close #number
End Function

#End If
