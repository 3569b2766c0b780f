# SPDX-License-Identifier: BSL-1.0
# The library as others find it: headers, archive, causerieConfig.cmake and causerie.pc.
