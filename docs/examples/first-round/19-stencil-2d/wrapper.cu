void laplacian_cuda(const double *in, double *out, int height, int width) {
    size_t bytes = sizeof(double) * height * width;
    double *d_in, *d_out;
    cudaStream_t stream;
    cudaEvent_t start, stop;
    cudaStreamCreate(&stream);
    cudaEventCreate(&start);
    cudaEventCreate(&stop);
    cudaMalloc((void **)&d_in, bytes);
    cudaMalloc((void **)&d_out, bytes);

    cudaMemcpyAsync(d_in, in, bytes, cudaMemcpyHostToDevice, stream);
    dim3 block(SIDE, SIDE);
    dim3 grid((width + SIDE - 1) / SIDE, (height + SIDE - 1) / SIDE);
    cudaEventRecord(start, stream);
    laplacian_kernel<<<grid, block, 0, stream>>>(d_in, d_out, height, width);
    cudaEventRecord(stop, stream);
    cudaMemcpyAsync(out, d_out, bytes, cudaMemcpyDeviceToHost, stream);
    cudaEventSynchronize(stop);
    cudaStreamSynchronize(stream);
    float milliseconds = 0.0f;
    cudaEventElapsedTime(&milliseconds, start, stop);

    cudaEventDestroy(start);
    cudaEventDestroy(stop);
    cudaStreamDestroy(stream);
    cudaFree(d_in);
    cudaFree(d_out);
}
