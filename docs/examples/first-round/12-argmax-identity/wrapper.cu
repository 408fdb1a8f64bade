int argmax_cuda(const float *values, int n) {
    float *d_values;
    int *d_result;
    int result = -1;
    cudaMalloc(&d_values, n * sizeof(float));
    cudaMalloc(&d_result, sizeof(int));
    cudaMemcpy(d_values, values, n * sizeof(float), cudaMemcpyHostToDevice);
    argmax_kernel<<<1, THREADS>>>(d_values, n, d_result);
    cudaMemcpy(&result, d_result, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_values);
    cudaFree(d_result);
    return result;
}
