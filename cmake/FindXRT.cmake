# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
#
# Finds the Xilinx Runtime. (Debian's xrt.pc has a wrong prefix.) Looks in $XILINX_XRT, /opt/xilinx/xrt
# and the system's folders. Defines, as far as each is there,
#   XRT_FOUND, XRT_VERSION
#   XRT::coreutil   native XRT: headers and libxrt_coreutil, libuuid
#   XRT::opencl     libxilinxopencl and the OpenCL headers
find_path(XRT_INCLUDE_DIR xrt/xrt_kernel.h
          HINTS ENV XILINX_XRT PATHS /opt/xilinx/xrt /usr PATH_SUFFIXES include include/xrt)
find_library(XRT_COREUTIL_LIBRARY xrt_coreutil
             HINTS ENV XILINX_XRT PATHS /opt/xilinx/xrt PATH_SUFFIXES lib)
find_library(XRT_UUID_LIBRARY uuid)
find_library(XRT_OPENCL_LIBRARY xilinxopencl
             HINTS ENV XILINX_XRT PATHS /opt/xilinx/xrt PATH_SUFFIXES lib)
find_path(XRT_OPENCL_INCLUDE_DIR CL/cl.h)

if(XRT_INCLUDE_DIR)
  find_file(XRT_VERSION_HEADER NAMES version.h xrt/detail/version.h xrt/version.h
            PATHS ${XRT_INCLUDE_DIR} NO_DEFAULT_PATH)
  if(XRT_VERSION_HEADER)
    file(STRINGS ${XRT_VERSION_HEADER} XRT_VERSION_LINE REGEX "xrt_build_version\\[\\]|XRT_BUILD_VERSION ")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" XRT_VERSION "${XRT_VERSION_LINE}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(XRT
  REQUIRED_VARS XRT_COREUTIL_LIBRARY XRT_INCLUDE_DIR XRT_UUID_LIBRARY VERSION_VAR XRT_VERSION)
mark_as_advanced(XRT_INCLUDE_DIR XRT_COREUTIL_LIBRARY XRT_UUID_LIBRARY XRT_OPENCL_LIBRARY
                 XRT_OPENCL_INCLUDE_DIR XRT_VERSION_HEADER)

if(XRT_FOUND AND NOT TARGET XRT::coreutil)
  add_library(XRT::coreutil INTERFACE IMPORTED GLOBAL)
  # As system headers: XRT's own do not compile without warnings.
  set_target_properties(XRT::coreutil PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${XRT_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${XRT_COREUTIL_LIBRARY};${XRT_UUID_LIBRARY}")
endif()
if(XRT_FOUND AND XRT_OPENCL_LIBRARY AND XRT_OPENCL_INCLUDE_DIR AND NOT TARGET XRT::opencl)
  add_library(XRT::opencl INTERFACE IMPORTED GLOBAL)
  set_target_properties(XRT::opencl PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${XRT_OPENCL_INCLUDE_DIR};${XRT_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES ${XRT_OPENCL_LIBRARY})
endif()
