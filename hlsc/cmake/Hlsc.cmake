# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0

# hlsc_compile(NAME <target> SOURCE <cpp> TOP <top> OUTPUT_DIR <dir> [CLOCK <MHz>]
#              [MULTIPLIERS dsp|fabric] [INCLUDES …] [DEFINES …] [BLACKBOXES …])
# Makes <dir>/<top>.sv and <dir>/<top>.json and a target for them. The JSON lists all RTL files.
function(hlsc_compile)
  cmake_parse_arguments(ARG "" "NAME;SOURCE;TOP;OUTPUT_DIR;CLOCK;MULTIPLIERS" "INCLUDES;DEFINES;BLACKBOXES" ${ARGN})
  foreach(needed NAME SOURCE TOP OUTPUT_DIR)
    if(NOT ARG_${needed})
      message(FATAL_ERROR "hlsc_compile: ${needed} is missing")
    endif()
  endforeach()
  get_filename_component(source ${ARG_SOURCE} ABSOLUTE)
  set(options)
  if(ARG_CLOCK)
    list(APPEND options --clock ${ARG_CLOCK})
  endif()
  if(ARG_MULTIPLIERS)
    list(APPEND options --multipliers ${ARG_MULTIPLIERS})
  endif()
  foreach(item ${ARG_INCLUDES})
    list(APPEND options -I ${item})
  endforeach()
  foreach(item ${ARG_DEFINES})
    list(APPEND options -D ${item})
  endforeach()
  foreach(item ${ARG_BLACKBOXES})
    list(APPEND options --blackbox ${item})
  endforeach()
  set(outputs ${ARG_OUTPUT_DIR}/${ARG_TOP}.sv ${ARG_OUTPUT_DIR}/${ARG_TOP}.json)
  set(depfile ${ARG_OUTPUT_DIR}/${ARG_TOP}.d)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${ARG_OUTPUT_DIR}
    COMMAND hlsc ${source} --top ${ARG_TOP} -o ${ARG_OUTPUT_DIR} --depfile ${depfile} -q ${options}
    DEPENDS hlsc ${source} ${ARG_BLACKBOXES}
    DEPFILE ${depfile}
    COMMENT "hlsc ${ARG_TOP}"
    VERBATIM)
  add_custom_target(${ARG_NAME} DEPENDS ${outputs})
endfunction()
