# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
#
# hlsc_cosim_test(NAME <batch> KERNELS <kernel.cpp | top=kernel.cpp>...
#                 [SOURCES <extra.cpp>...] [INCLUDES <dir>...] [DEFINES <macro>...]
#                 [FLAGS <hlsc option>...] [DEPENDS <file>...] [LABELS <label>...] [TIMEOUT <s>])
#
# Compiles every kernel with hlsc, Verilates all of them into one program <batch>_cosim and adds
# the test hlsc.cosim.<batch>, which runs each kernel's RTL against its C simulation under every
# stall profile. The top function is named like the file unless given. The stimulus is a
# COSIM_KERNEL block (harness/kernel.hpp), in the kernel's file or in one of SOURCES.
# All batches are built by the test cosim_build, or by the target cosim_tests.
if(NOT TARGET cosim_tests)
  add_custom_target(cosim_tests)
  add_test(NAME cosim_build
           COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target cosim_tests)
  set_tests_properties(cosim_build PROPERTIES FIXTURES_SETUP cosim TIMEOUT 3600 LABELS fast
                       RESOURCE_LOCK build_tree PROCESSORS 2)
endif()

function(hlsc_cosim_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "KERNELS;SOURCES;INCLUDES;DEFINES;FLAGS;DEPENDS;LABELS"
                        ${ARGN})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${ARG_NAME}_cosim.dir)
  set(pairs)
  set(sources)
  foreach(kernel IN LISTS ARG_KERNELS)
    if(kernel MATCHES "^([A-Za-z0-9_]+)=(.*)$")
      set(top ${CMAKE_MATCH_1})
      set(kernel ${CMAKE_MATCH_2})
    else()
      get_filename_component(top ${kernel} NAME_WE)
    endif()
    get_filename_component(kernel ${kernel} ABSOLUTE)
    list(APPEND pairs ${top}=${kernel})
    list(APPEND sources ${kernel})
  endforeach()
  set(flags)
  foreach(include IN LISTS ARG_INCLUDES)
    list(APPEND flags -I ${include})
  endforeach()
  foreach(define IN LISTS ARG_DEFINES)
    list(APPEND flags -D ${define})
  endforeach()
  foreach(flag IN LISTS ARG_FLAGS)
    list(APPEND flags --flag ${flag})
  endforeach()
  file(GLOB leaves ${PROJECT_SOURCE_DIR}/rtl/*.sv ${PROJECT_SOURCE_DIR}/rtl/*.v
       ${PROJECT_SOURCE_DIR}/hlsc/include/*.h ${PROJECT_SOURCE_DIR}/hlsc/include/hlsc_detail/*.h)
  add_custom_command(
    OUTPUT ${dir}/designs.cpp ${dir}/libdesigns.a
    COMMAND cosim_build_tool --name ${ARG_NAME} --out ${dir} --hlsc $<TARGET_FILE:hlsc>
            $<$<BOOL:${CCACHE}>:--ccache> ${flags} ${pairs}
    DEPENDS cosim_build_tool hlsc ${sources} ${ARG_DEPENDS} ${leaves}
    COMMENT "Compiling and Verilating the kernels of batch ${ARG_NAME}" VERBATIM
    COMMAND_EXPAND_LISTS)
  add_executable(${ARG_NAME}_cosim EXCLUDE_FROM_ALL ${sources} ${ARG_SOURCES} ${dir}/designs.cpp)
  target_include_directories(${ARG_NAME}_cosim PRIVATE ${dir} ${ARG_INCLUDES})
  target_compile_definitions(${ARG_NAME}_cosim PRIVATE ${ARG_DEFINES})
  # Kernels carry loop labels and pragmas that only an HLS compiler reads.
  target_compile_options(${ARG_NAME}_cosim PRIVATE -O1 -Wno-unused-label)
  target_link_libraries(${ARG_NAME}_cosim PRIVATE cosim ${dir}/libdesigns.a verilated_runtime)
  add_dependencies(cosim_tests ${ARG_NAME}_cosim)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  add_test(NAME hlsc.cosim.${ARG_NAME} COMMAND ${ARG_NAME}_cosim --gtest_brief=1)
  set_tests_properties(hlsc.cosim.${ARG_NAME} PROPERTIES FIXTURES_REQUIRED cosim
                       TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
