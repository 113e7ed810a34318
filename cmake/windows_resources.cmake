# latchkey_windows_resources(TARGET FILE DESCRIPTION): what Windows shows of a program (its version is the project's, so that the
# installer may rely on it) and the manifest: no more rights than the caller's, UTF-8, long paths.
# By hand, because compile options meant for C++ would go to the resource compiler, too.
function(latchkey_windows_resources target file description)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/resources)
  set(from ${CMAKE_SOURCE_DIR}/installers/windows/resources)
  cmake_path(GET file STEM RESOURCE_NAME)
  set(RESOURCE_FILE ${file})
  set(RESOURCE_DESCRIPTION "${description}")
  set(RESOURCE_VERSION ${PROJECT_VERSION}.0)
  string(REPLACE . , RESOURCE_VERSION_COMMAS ${RESOURCE_VERSION})
  set(RESOURCE_MANIFEST ${made}/${RESOURCE_NAME}.manifest)
  set(RESOURCE_FILETYPE VFT_APP)
  set(RESOURCE_MANIFEST_LINE "CREATEPROCESS_MANIFEST_RESOURCE_ID RT_MANIFEST \"${RESOURCE_MANIFEST}\"")
  if(file MATCHES "[.]dll$")
    set(RESOURCE_FILETYPE VFT_DLL)
    set(RESOURCE_MANIFEST_LINE "")  # the program's counts that loads it
  endif()
  configure_file(${from}/program.manifest.in ${RESOURCE_MANIFEST} @ONLY)
  configure_file(${from}/program.rc.in ${made}/${RESOURCE_NAME}.rc @ONLY)
  set(object ${made}/${RESOURCE_NAME}.res.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_RC_COMPILER} --codepage 65001 -i ${made}/${RESOURCE_NAME}.rc -o ${object} -O coff
    DEPENDS ${made}/${RESOURCE_NAME}.rc ${RESOURCE_MANIFEST} VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_sources(${target} PRIVATE ${object})
endfunction()
