//// features: cudaPeekAtLastError keeps, cudaGetLastError clears, cudaGetErrorName and cudaGetErrorString
//// sequential
void error_state(int *codes) {
    const int expected[6] = {1, 1, 1, 0, 0, 9};
    copy(expected, expected + 6, codes);
    cout << "cudaErrorInvalidConfiguration: invalid configuration argument" << endl;
}
//// kernel
__global__ void nothing(int) {}
//// wrapper
void error_state_cuda(int *codes) {
    int here = 0, *device;
    cudaMalloc(&device, sizeof(int));
    codes[0] = cudaFree(&here);
    codes[1] = cudaPeekAtLastError();
    codes[2] = cudaGetLastError();
    codes[3] = cudaGetLastError();
    nothing<<<1, 1>>>(1);
    codes[4] = cudaDeviceSynchronize();
    nothing<<<1, 5000>>>(1);
    cudaFree(device);
    cudaError_t last = cudaGetLastError();
    codes[5] = last;
    cout << cudaGetErrorName(last) << ": " << cudaGetErrorString(last) << endl;
}
//// tests
int codes[6];
wrapper(FUNCTION, codes);
