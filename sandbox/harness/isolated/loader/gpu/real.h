// CUDA's own functions, beside those of the same names that the loader shows to units.
//
// When the loader is linked, each name of names.list is renamed in the static runtime: `cudaMalloc` is there
// `__ks_real_cudaMalloc`. A unit finds the loader's, which looks, and calls the real one.
#pragma once
#include <cuda_runtime_api.h>

extern "C" {
// Of the headers that only nvcc reads.
cudaError_t __cudaLaunchKernel(cudaKernel_t, dim3, dim3, void **, size_t, cudaStream_t);
void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int);
// Names that the headers give to those who ask for another default stream.
cudaError_t cudaLaunchKernel_ptsz(const void *, dim3, dim3, void **, size_t, cudaStream_t);
cudaError_t cudaLaunchKernelExC_ptsz(const cudaLaunchConfig_t *, const void *, void **);
cudaError_t __cudaLaunchKernel_ptsz(cudaKernel_t, dim3, dim3, void **, size_t, cudaStream_t);
}

// Weak: a toolkit that has not all of them has no units that ask for the others.
#define __KS_REAL(name) extern "C" decltype(name) real_##name __asm__("__ks_real_" #name) __attribute__((weak))
__KS_REAL(cudaMalloc);
__KS_REAL(cudaMallocPitch);
__KS_REAL(cudaMalloc3D);
__KS_REAL(cudaMallocManaged);
__KS_REAL(cudaMallocAsync);
__KS_REAL(cudaMallocFromPoolAsync);
__KS_REAL(cudaFree);
__KS_REAL(cudaFreeAsync);
__KS_REAL(cudaMallocHost);
__KS_REAL(cudaHostAlloc);
__KS_REAL(cudaFreeHost);
__KS_REAL(cudaMemcpy);
__KS_REAL(cudaMemcpyAsync);
__KS_REAL(cudaMemcpy2D);
__KS_REAL(cudaMemcpy2DAsync);
__KS_REAL(cudaMemcpy3D);
__KS_REAL(cudaMemcpy3DAsync);
__KS_REAL(cudaMemcpyPeer);
__KS_REAL(cudaMemcpyPeerAsync);
__KS_REAL(cudaMemcpyToSymbol);
__KS_REAL(cudaMemcpyToSymbolAsync);
__KS_REAL(cudaMemcpyFromSymbol);
__KS_REAL(cudaMemcpyFromSymbolAsync);
__KS_REAL(cudaMemset);
__KS_REAL(cudaMemsetAsync);
__KS_REAL(cudaMemset2D);
__KS_REAL(cudaMemset2DAsync);
__KS_REAL(cudaMemset3D);
__KS_REAL(cudaMemset3DAsync);
__KS_REAL(cudaLaunchKernel);
__KS_REAL(cudaLaunchKernel_ptsz);
__KS_REAL(cudaLaunchKernelExC);
__KS_REAL(cudaLaunchKernelExC_ptsz);
__KS_REAL(cudaLaunchCooperativeKernel);
__KS_REAL(__cudaLaunchKernel);
__KS_REAL(__cudaLaunchKernel_ptsz);
__KS_REAL(cudaGraphLaunch);
__KS_REAL(cudaDeviceSynchronize);
__KS_REAL(cudaStreamSynchronize);
__KS_REAL(cudaEventSynchronize);
__KS_REAL(cudaStreamQuery);
__KS_REAL(cudaEventQuery);
__KS_REAL(cudaDeviceReset);
__KS_REAL(__cudaRegisterVar);
#undef __KS_REAL
